const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

/** Have a name in the run’s registry mean what another one of its repository does: only a pull sees it. Throws when the registry does not take it. */
export async function moveATag(repository: string, from: string, to: string): Promise<void> {
  const manifests = `http://127.0.0.1:5000/v2/${repository}/manifests`;
  const manifest = await (await fetch(`${manifests}/${from}`, { headers: { accept: MANIFEST } })).text();
  const put = { method: 'PUT', headers: { 'content-type': MANIFEST }, body: manifest };
  const { status } = await fetch(`${manifests}/${to}`, put);
  if (status !== 201) throw new Error(`the registry answers ${status}`);
}
