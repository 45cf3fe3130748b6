select shape from thing_shape where type = $1
