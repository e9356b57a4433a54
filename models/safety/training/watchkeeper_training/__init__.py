"""Training of Watchkeeper's stage 1 safety model: a hashed WordPiece linear model, calibrated, as ONNX."""

NAME = "watchkeeper-safety-stage1"
VERSION = "0.1.0"
CATEGORIES = ("sexual", "hate", "harassment", "self_harm", "violence", "illicit", "jailbreak", "unsafe")
ROLES = ("user", "assistant")
SEED = 20_261_123
