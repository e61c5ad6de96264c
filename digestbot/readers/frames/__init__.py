"""What several formats share: tagged text, JSON, XML, HTML, mail, tables."""
