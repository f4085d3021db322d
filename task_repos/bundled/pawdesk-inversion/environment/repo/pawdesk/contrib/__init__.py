"""Plugins that come with pawdesk."""
