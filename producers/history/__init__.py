"""History: bars from Yahoo or kept ones, on which ladder, and how they become the frames of a replay."""
