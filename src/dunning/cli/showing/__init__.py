"""What commands show: values in, lines or plain values out."""
