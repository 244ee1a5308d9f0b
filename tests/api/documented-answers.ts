import type { openApiDocument } from '../../src/api/openapi-document.js';

type Document = ReturnType<typeof openApiDocument>;

/** Whether an answer is one of those that the document tells of its operation; what it does not describe is no operation of ours. */
export function documentedAnswers(document: Document) {
  const paths = Object.entries(document.paths ?? {}).map(([template, operations]) => ({
    pattern: new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    operations,
  }));
  return (method: string, path: string, status: number, contentType: string): boolean => {
    const [bare = ''] = path.split('?', 1);
    const known = paths.find(({ pattern }) => pattern.test(bare));
    const operation = known?.operations[method.toLowerCase() as 'get'];
    if (operation === undefined) return true;
    const answer = operation.responses?.[status];
    if (answer === undefined) return false;
    const content: object = answer.content ?? {};
    return Object.keys(content).length === 0 ? contentType === '' : contentType in content;
  };
}
