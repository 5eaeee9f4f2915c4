"""Networks of other libraries: torchvision, timm, and packages with published weights."""
