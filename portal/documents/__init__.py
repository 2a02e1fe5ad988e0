"""Files kept byte for byte: addressed by their content, served with authorisation, rendered for the law."""
