/** What kube-score calls critical and is so on purpose. */
export const EVERYWHERE: Record<string, string> = {
  'container-image-pull-policy':
    'Tags are never moved: a tag is a revision, and `dev` is loaded into the node, where Always would not find it.',
  'pod-probes-identical':
    'mongod answers one question by TCP; asking more costs a Node process (mongosh) for each of 12 pods every few seconds.',
};

export const DEVELOPMENT: Record<string, string> = {
  'container-security-context-readonlyrootfilesystem': 'skaffold copies changed sources into the containers.',
};
