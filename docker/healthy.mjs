/** The container's health check: 0 when the API can serve. */
const ready = await fetch('http://127.0.0.1:8000/health/ready').then(
  (response) => response.ok,
  () => false,
);
process.exit(ready ? 0 : 1);
