/** What a page of somebody else can do to addresses of ours, in every way that a browser has. */
globalThis.tryAll = async ({ urls, kind, details, body }) => {
  const { method = 'GET', type = '', enctype = '', mode, referrerPolicy } = details;
  const ways = {
    form: async (url) => {
      // A frame of its own: one that is still showing an earlier answer would drop what is submitted meanwhile.
      const target = crypto.randomUUID();
      const frame = Object.assign(document.createElement('iframe'), { name: target });
      const form = Object.assign(document.createElement('form'), { action: url, method, enctype, target });
      form.append(Object.assign(document.createElement('input'), { name: '{"engaged":true,"x":"', value: '"}' }));
      document.body.append(frame, form);
      form.submit();
    },
    fetch: (url) =>
      fetch(url, {
        method,
        credentials: 'include',
        ...(mode && { mode }),
        ...(referrerPolicy && { referrerPolicy }),
        ...(type && { headers: { 'content-type': type }, body }),
      }).catch(() => undefined),
    xhr: (url) =>
      new Promise((resolve) => {
        const request = new XMLHttpRequest();
        request.open(method, url);
        request.withCredentials = true;
        request.setRequestHeader('content-type', type);
        request.onloadend = resolve;
        request.send(body);
      }),
    beacon: async (url) => navigator.sendBeacon(url, new Blob([body], { type })),
    image: (url) =>
      new Promise((resolve) => {
        const image = new Image();
        image.onload = resolve;
        image.onerror = resolve;
        image.src = url;
      }),
  };
  await Promise.all(urls.map(ways[kind]));
};
