"""Checks docker-compose.yml where no docker compose is at hand: that it is YAML, and what the cluster relies on."""

import re
import sys

import yaml

GATEWAYS = {"web", "mobile", "desktop"}
OURS = GATEWAYS | {"core", "migrate"}
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}


def problems(compose):
    services = compose["services"]
    if missing := (OURS | {"postgres"}) - services.keys():
        yield f"missing services: {', '.join(sorted(missing))}"
    for name, service in services.items():
        if "image" not in service:
            yield f"{name}: no image"
        if name != "migrate" and "healthcheck" not in service:
            yield f"{name}: no healthcheck"
        if name not in GATEWAYS and "ports" in service:
            yield f"{name}: only gateways are published"
        if name in OURS and not (service.get("read_only") and service.get("cap_drop") == ["ALL"]):
            yield f"{name}: has to be read-only and without capabilities"
        for other, how in service.get("depends_on", {}).items():
            if other not in services:
                yield f"{name}: depends on {other}, which is not there"
            elif how.get("condition") not in CONDITIONS:
                yield f"{name}: depends on {other} under an unknown condition"
            elif how["condition"] == "service_healthy" and "healthcheck" not in services[other]:
                yield f"{name}: waits for the health of {other}, which has no check"
        if "DATABASE_URL" in service.get("environment", {}) and "postgres" not in service.get("depends_on", {}):
            yield f"{name}: has to name postgres in depends_on, or the database stops first"
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if re.fullmatch(r"[\w-]+", source) and source not in compose.get("volumes", {}):
                yield f"{name}: volume {source} is not declared"
    if len(builders := [name for name, service in services.items() if "build" in service]) > 1:
        yield f"only one service may build the image that all of them use, not {', '.join(builders)}"


found = list(problems(yaml.safe_load(open(sys.argv[1], encoding="utf-8"))))
print("\n".join(found) if found else f"{sys.argv[1]}: fine")
sys.exit(bool(found))
