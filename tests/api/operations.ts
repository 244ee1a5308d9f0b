/** The operations that the OpenAPI document describes, for tests that go through all of them. */
import type { openApiDocument } from '../../src/api/http/openapi-document.js';

export interface Operation {
  /** `GET /api/v1/trades` */
  name: string;
  method: string;
  path: string;
  /** what each way to say who one is must come with; absent where nobody is asked */
  security?: Record<string, string[]>[];
  hasBody: boolean;
}

export function operationsOf({ paths = {} }: ReturnType<typeof openApiDocument>): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    (['get', 'put', 'post', 'patch', 'delete'] as const).flatMap((name): Operation[] => {
      const operation = methods[name];
      if (!operation) return [];
      const method = name.toUpperCase();
      const { security, requestBody } = operation;
      const described = { name: `${method} ${path}`, method, path, hasBody: requestBody !== undefined };
      return [security === undefined ? described : { ...described, security }];
    }),
  );
}
