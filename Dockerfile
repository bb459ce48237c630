# Every service is built from here: `docker build --build-arg SERVICE=orders --target production .`
ARG NODE=node:24-bookworm-slim
FROM $NODE AS base
WORKDIR /app

# Only what `npm ci` reads, so that its layer stays cached until one of these files changes.
FROM base AS manifests
COPY . .
RUN find . -type f ! -name package.json ! -name package-lock.json -delete && find . -type d -empty -delete

FROM base AS dependencies
ARG SERVICE
COPY --from=manifests /app .
RUN npm ci --omit=dev --workspace=$SERVICE --ignore-scripts --no-audit --no-fund \
  # Of fonts, the weights that are drawn with (admissions/src/paper/fonts.ts): the others are as large again.
  && find node_modules -path '*/@expo-google-fonts/*' -type f \
    ! -name '*400Regular.ttf' ! -name '*500Medium.ttf' ! -name '*700Bold.ttf' ! -name package.json ! -name 'LICENSE*' -delete

FROM base AS service
ARG SERVICE
COPY --from=dependencies /app .
COPY common/src common/src
COPY $SERVICE/src $SERVICE/src
WORKDIR /app/$SERVICE
# The limits keep the heap small (docs/performance.md); the condition has packages run from their sources.
ENV NODE_OPTIONS="--conditions=source --max-semi-space-size=8 --max-old-space-size=512"
EXPOSE 3000 3001
USER 10001:10001

# skaffold copies changed sources into the container, so the user who runs them owns them.
FROM service AS development
USER root
RUN chown -R 10001:10001 /app/common/src src
USER 10001:10001
CMD ["node", "--watch", "--watch-preserve-output", "src/main.ts"]

FROM service AS production
ARG SERVICE
ARG REVISION
ARG SOURCE
ENV NODE_ENV=production
LABEL org.opencontainers.image.title="ticketing/$SERVICE" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.source="$SOURCE" \
  org.opencontainers.image.revision="$REVISION"
CMD ["node", "src/main.ts"]
