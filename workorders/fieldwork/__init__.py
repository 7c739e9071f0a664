"""What is read of the work at the site: parts, technicians, what blocks Completed, calendar files."""
