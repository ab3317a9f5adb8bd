import { aDockerEngine } from '../../support/a-docker-engine.ts';
import { engineConformance } from './suite.ts';
import { logConformance } from './suite-of-logs.ts';

engineConformance('the Docker Engine', () => aDockerEngine('conformance'));
logConformance('the Docker Engine', () => aDockerEngine('conformance-logs'));
