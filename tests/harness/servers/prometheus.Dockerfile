# The context is the folder of the compiled program.
FROM scratch AS prometheus
COPY prometheus /prometheus
USER 65532:65532
ENTRYPOINT ["/prometheus"]
