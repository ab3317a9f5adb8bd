import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';
import type { Contract } from '../../contracts/contract.ts';
import { CONTRACTS } from '../../src/dispatch/client.ts';
import { openApi } from '../../src/server/openapi.ts';

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, { post?: { operationId: string }; get?: { operationId: string } }>;
}
const document = (): Document => structuredClone(openApi('1.2.3')) as Document;
const validated = (given: object): Promise<{ valid: boolean }> => new Validator().validate({ ...given });

test('the API’s own description is a valid OpenAPI 3.1 document', async () => {
  expect(await validated(document())).toEqual({ valid: true });
});

test('the validator would tell of one that is not', async () => {
  const broken = { ...document(), paths: { '/v1/x': { post: { responses: 'none' } } } };
  expect(await validated(broken)).toMatchObject({ valid: false });
});

test('it has every method of every contract, and what there is beside them, under ids that are told apart', () => {
  const { openapi, paths } = document();
  const methods = Object.values<Contract>(CONTRACTS).flatMap(({ id, methods }) =>
    Object.keys(methods).map((name) => `/v1/${id}/${name}`),
  );
  expect(openapi).toBe('3.1.0');
  const beside = ['/healthz', '/v1/events', '/v1/sessions/{session_id}'];
  expect(Object.keys(paths).sort()).toEqual([...methods, ...beside].sort());
  const ids = Object.values(paths).map(({ post, get }) => (post ?? get)?.operationId);
  expect(new Set(ids).size).toBe(ids.length);
});
