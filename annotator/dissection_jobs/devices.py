"""The devices of this machine that a dissection could run on."""

from dissect.networks.device import describe_devices

__all__ = ["describe_devices"]
