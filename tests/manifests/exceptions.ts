/** What kube-score calls critical and is so on purpose. */
export const EVERYWHERE: Record<string, string> = {
  'container-image-pull-policy':
    'Tags are never moved: a tag is a revision, and `dev` is loaded into the node, where Always would not find it.',
  'pod-probes-identical': 'The client lacks nothing that it could be unready for.',
};

export const DEVELOPMENT: Record<string, string> = {
  'container-security-context-readonlyrootfilesystem': 'skaffold copies changed sources into the containers.',
};
