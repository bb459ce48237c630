import { parse } from 'yaml';

interface Skaffold {
  build: { artifacts: { image: string; docker: { target?: string; dockerfile?: string } }[] };
  profiles: { name: string; patches?: { op: string; path: string; value?: string }[] }[];
}

/** What the profile of production builds, as its patches, which count the artifacts, leave them: and what is wrong with that. */
export function wronglyBuilt(skaffold: string, overlay: string): string[] {
  const { build, profiles } = parse(skaffold) as Skaffold;
  const { artifacts } = build;
  for (const { op, path, value } of profiles.find(({ name }) => name === 'production')?.patches ?? []) {
    const index = Number(/^\/build\/artifacts\/(\d+)/.exec(path)?.[1]);
    if (op === 'remove') artifacts.splice(index, 1);
    else if (value !== undefined && artifacts[index]) artifacts[index].docker.target = value;
  }
  const named = new Set([...overlay.matchAll(/image: (ticketing\/[a-z]+)/g)].map(([, image = '']) => image));
  const built = new Set(artifacts.map(({ image }) => image));
  return [
    ...[...named].filter((image) => !built.has(image)).map((image) => `${image} is not built`),
    ...[...built].filter((image) => !named.has(image)).map((image) => `${image} is built for nothing`),
    ...artifacts
      .filter(({ docker }) => docker.dockerfile === undefined && docker.target !== 'production')
      .map(({ image, docker }) => `${image} is built for ${docker.target}`),
  ];
}
