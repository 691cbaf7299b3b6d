"""What shoppers find on the shelf: products, their pictures, and what is cheaper for a while."""
