"""Quality on public data sets: what the product's own trainer makes of them, judged by what came later."""
