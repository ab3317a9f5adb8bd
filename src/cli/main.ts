#!/usr/bin/env node
import { keepCompiled } from '../runtime/keep-compiled.ts';

// Before anything else is loaded.
keepCompiled();
await import('./command-line.ts');
