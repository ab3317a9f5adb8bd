import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { TransportOptions } from './dial.ts';

/** Certificates that are none are told before the first call. Throws invalid_config. */
export function checkCertificates({ ca, cert, key }: TransportOptions): void {
  const check = (what: string, work: () => void): void => {
    try {
      work();
    } catch (error) {
      throw new ContractError(
        'invalid_config',
        `${what}: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error, next: 'Set DOCKER_CERT_PATH to a folder with good ones.' },
      );
    }
  };
  if (ca !== undefined) check('ca.pem is no certificate', () => void new X509Certificate(ca));
  if (cert !== undefined && key !== undefined)
    check('cert.pem and key.pem do not fit', () => void createSecureContext({ cert, key }));
}
