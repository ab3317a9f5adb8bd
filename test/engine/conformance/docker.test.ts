import { aDockerEngine } from '../../support/a-docker-engine.ts';
import { engineConformance } from './suite.ts';
import { fileConformance } from './suite-of-files.ts';
import { imageConformance } from './suite-of-images.ts';
import { logConformance } from './suite-of-logs.ts';
import { sessionConformance } from './suite-of-sessions.ts';
import { surroundingConformance } from './suite-of-surroundings.ts';

engineConformance('the Docker Engine', () => aDockerEngine('conformance'));
imageConformance('the Docker Engine', () => aDockerEngine('conformance-images'));
logConformance('the Docker Engine', () => aDockerEngine('conformance-logs'));
sessionConformance('the Docker Engine', () => aDockerEngine('conformance-sessions'));
surroundingConformance('the Docker Engine', () => aDockerEngine('conformance-around'));
fileConformance('the Docker Engine', { open: () => aDockerEngine('conformance-files'), does: true });
