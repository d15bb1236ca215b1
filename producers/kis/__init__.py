"""The KIS protocol: token, calls, executions. Vendor names end in `parse`."""
