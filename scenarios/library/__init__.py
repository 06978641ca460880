"""The scenarios that come with datacoalition, one YAML file each."""
