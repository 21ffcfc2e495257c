# The program alone: one static file, without root, without a shell.
#   docker build -t fieldgate .
# For backups, with PostgreSQL's pg_dump and pg_restore of the server's version or newer:
#   docker build --target operator --build-arg POSTGRES=18 -t fieldgate-operator .
ARG POSTGRES=18

FROM node:22-slim AS assets
WORKDIR /src/tools
COPY tools/package.json tools/package-lock.json tools/.npmrc ./
RUN npm ci --omit dev
WORKDIR /src
COPY tools/vendor.sh tools/
COPY static/icons.txt static/
RUN tools/vendor.sh

FROM golang:1.26 AS program
WORKDIR /src
COPY go.mod go.sum ./
COPY internal/export/deepcopy internal/export/deepcopy
RUN go mod download
COPY . .
COPY --from=assets /src/static/vendor static/vendor
RUN go run ./static/pack static/packed
RUN CGO_ENABLED=0 go build -tags nodynamic,nodemo -trimpath -gcflags='fieldgate/templates/...=-l' -ldflags "-s -w" -o /out/fieldgate ./cmd/fieldgate
RUN /out/fieldgate sbom > /out/fieldgate.cdx.json && /out/fieldgate licences > /out/licences.txt
# A volume takes its owner from the folder in the image.
RUN mkdir -p /out/files

# Beside the one that serves: the same program, the same user, and PostgreSQL's.
FROM postgres:${POSTGRES} AS operator
COPY --from=assets /src/fonts /usr/local/bin/fonts
COPY --from=program /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=program /out/fieldgate /usr/local/bin/fieldgate
ENV FIELDGATE_STORAGE=file:///var/lib/fieldgate
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/fieldgate"]
CMD ["backup"]

# Certificates for mail and storage, a user without rights (65532).
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=assets /src/fonts /usr/local/bin/fonts
COPY --from=program /out/fieldgate /usr/local/bin/fieldgate
COPY --from=program /out/fieldgate.cdx.json /out/licences.txt /usr/share/doc/fieldgate/
COPY --from=program --chown=nonroot:nonroot /out/files /var/lib/fieldgate
ENV FIELDGATE_LISTEN=:8080 FIELDGATE_STORAGE=file:///var/lib/fieldgate
VOLUME /var/lib/fieldgate
EXPOSE 8080
# Whether the program runs; /readyz says whether its database and storage do, too.
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["/usr/local/bin/fieldgate", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/fieldgate"]
CMD ["serve"]
