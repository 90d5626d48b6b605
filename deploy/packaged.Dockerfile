# The same image from programs that were built outside, all four in deploy/bin.
#
#   docker build -f deploy/Dockerfile --target runtime -t triptych:runtime .
#   docker build -f deploy/packaged.Dockerfile -t triptych:local deploy/bin
#
# The glibc that they were built with must not be newer than the base's.
ARG RUNTIME=triptych:runtime

FROM ${RUNTIME}
COPY . /usr/local/bin/
