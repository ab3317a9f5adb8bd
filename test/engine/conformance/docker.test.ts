import { aDockerEngine } from '../../support/a-docker-engine.ts';
import { engineConformance } from './suite.ts';

engineConformance('the Docker Engine', () => aDockerEngine('conformance'));
