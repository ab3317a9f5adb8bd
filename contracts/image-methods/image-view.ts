import { z } from 'zod';

export const imageReference = z
  .string()
  .min(1)
  .max(512)
  .describe('`[registry[:port]/]path[:tag][@digest]`, or the id of an image that is on the engine.');

export const imageView = z.object({
  id: z.string().describe('`sha256:…`'),
  tags: z.array(z.string()).describe('Its names: `redis:7`. None: it is dangling.'),
  digests: z.array(z.string()).describe('Its names in registries: `redis@sha256:…`.'),
  size: z.int().min(0).describe('Bytes, with what it shares with others.'),
  created_at: z.string().describe('RFC 3339.').optional(),
  labels: z.record(z.string(), z.string()),
});
export type ImageView = z.infer<typeof imageView>;

export const imageDetails = imageView.extend({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().describe('Of the architecture: `v8`.').optional(),
  author: z.string().optional(),
  comment: z.string().optional(),
  layers: z.array(z.string()).describe('Digests of the layers, the lowest first.'),
  user: z.string().optional(),
  work_dir: z.string().optional(),
  env: z.record(z.string(), z.string()),
  command: z.array(z.string()).optional(),
  entrypoint: z.array(z.string()).optional(),
  ports: z.array(z.string()).describe('What it says that it listens on: `80/tcp`.'),
  volumes: z.array(z.string()).describe('Folders that get an anonymous volume.'),
  stop_signal: z.string().optional(),
  health_check: z.array(z.string()).describe('Its test, as the image says it.').optional(),
});
export type ImageDetails = z.infer<typeof imageDetails>;

export const historyEntry = z.object({
  id: z.string().describe('Left out where the engine does not know the image in between.').optional(),
  created_at: z.string().describe('RFC 3339.'),
  created_by: z.string().describe('The instruction that made it.'),
  size: z.int().min(0).describe('Bytes that it adds.'),
  tags: z.array(z.string()),
  comment: z.string().optional(),
});
export type ImageHistoryEntry = z.infer<typeof historyEntry>;
