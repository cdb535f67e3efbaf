"""The methods of estimation, one file a version. A changed method is a new file; old receipts keep the old one."""
