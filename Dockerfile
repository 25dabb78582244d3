# Two stages: "build" makes the static binary and takes the certificate authorities, "final" is nothing but the two.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/easbot ./cmd/easbot \
 && cp /etc/ssl/certs/ca-certificates.crt /out/ca-certificates.crt

FROM scratch AS final
COPY --from=build /out/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
# The binary carries its own time zones.
COPY --from=build /out/easbot /easbot
USER 65532:65532
WORKDIR /etc/easbot
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 CMD ["/easbot", "healthcheck"]
ENTRYPOINT ["/easbot"]
CMD ["serve"]
