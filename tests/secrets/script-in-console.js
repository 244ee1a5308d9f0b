/** What a script could do that somebody gets into a page of Temporal's console, by a text of a workflow for example. */
globalThis.tryConsole = async (workflowId) => {
  const inline = document.createElement('script');
  inline.textContent = 'globalThis.injected = "a script"';
  const image = document.createElement('div');
  image.innerHTML = '<img src="/temporal/none" onerror="globalThis.injected = \'a handler\'">';
  const foreign = Object.assign(document.createElement('script'), { src: '/docs/start.js' });
  document.body.append(inline, image, foreign);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const statusOf = (path, options) =>
    fetch(path, options).then(
      ({ status }) => status,
      () => 'blocked',
    );
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
  const workflow = `/temporal/api/v1/namespaces/default/workflows/${workflowId}`;
  return {
    injected: globalThis.injected ?? 'nothing',
    tokens: await statusOf('/api/v1/tokens'),
    switched: await statusOf('/api/v1/risk/kill-switch', post),
    elsewhere: await statusOf('http://127.0.0.1:9/'),
    settings: await statusOf('/temporal/api/v1/settings'),
    terminate: await statusOf(`${workflow}/terminate`, post),
    start: await statusOf(`${workflow}-2`, post),
  };
};
