-- 随平台装入的数据集与图。Sets and charts that come with the platform.
seed { type = "data_set", file = "data/data_set.csv" }
seed { type = "chart", file = "data/chart.csv" }
