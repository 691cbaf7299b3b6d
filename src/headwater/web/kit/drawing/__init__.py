"""Drawing: charts, pictures of products and codes, all made on the server as SVG."""
