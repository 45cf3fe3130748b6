/** Words of charts wherever they stand. */
export const zh = {
  board: {
    kind: { bar: '柱状图', line: '折线图', pie: '饼图', ring: '环图', scatter: '散点图', radar: '雷达图', heat: '热力图', gauge: '仪表盘', map: '地图', sankey: '桑基图', graph: '关系图', calendar: '日历图', box: '箱线图', funnel: '漏斗图', treemap: '矩形树图', table: '表格', number: '数字', rank: '排行', words: '词云', rose: '污染玫瑰', wind: '风玫瑰' },
    channel: { x: '横轴', y: '数值', colour: '分组', name: '名称', value: '数值', size: '大小', lon: '经度', lat: '纬度', district: '区', from: '自', to: '至', time: '时间', parent: '上级', columns: '列', direction: '风向', speed: '风速' },
    template: { 'light-office': '浅色办公', 'deep-blue': '深蓝大屏', ink: '水墨', 'red-alert': '红色警示', print: '印刷', 'high-contrast': '高对比' },
    empty: '没有数据。', noRight: '这里有您无权查看的列，图不画。可向信息化处申请。', noField: '数据集里已没有绑定的列。请重新绑定。', unbound: '还有通道没有绑定列。', negative: '有负数，不能画成部分与整体。', circle: '有自己到自己的流，桑基图画不了。', units: '单位不同，不能堆叠。', failed: '没有读到：{why}', retry: '重试', reading: '正在读取',
    explain: '这张图怎么来的', source: '来源与步骤', asOf: '截至', dataTime: '最新数据', lag: '距今', clause: '依据', flags: '标记', rows: '行数', rowsOf: '{n} 行', truncated: '数据超过上限，只取了一部分', sampled: '已抽样，保留极值与带标记的点', hidden: '不给您看的列', live: '实时', frozen: '定格', stale: '数据已过时', version: '第 {n} 版', left: '另有 {n} 组没有画',
    table: '看表格', chart: '看图', png: '存图片', csv: '存数据', none: '—', shown: '共 {n} 行，此处 {m} 行', summary: '{title}：{kind}，{n} 行，截至 {t}。',
  },
};
export const en = {
  board: {
    kind: { bar: 'Bar', line: 'Line', pie: 'Pie', ring: 'Ring', scatter: 'Scatter', radar: 'Radar', heat: 'Heat map', gauge: 'Gauge', map: 'Map', sankey: 'Sankey', graph: 'Graph', calendar: 'Calendar', box: 'Box plot', funnel: 'Funnel', treemap: 'Tree map', table: 'Table', number: 'Number', rank: 'Ranking', words: 'Word cloud', rose: 'Pollution rose', wind: 'Wind rose' },
    channel: { x: 'Across', y: 'Values', colour: 'Groups', name: 'Name', value: 'Value', size: 'Size', lon: 'Longitude', lat: 'Latitude', district: 'District', from: 'From', to: 'To', time: 'Time', parent: 'Parent', columns: 'Columns', direction: 'Wind from', speed: 'Wind speed' },
    template: { 'light-office': 'Light office', 'deep-blue': 'Deep-blue wall', ink: 'Ink landscape', 'red-alert': 'Red alert', print: 'Print', 'high-contrast': 'High contrast' },
    empty: 'There are no data.', noRight: 'A column is not yours to see, so the chart is not drawn. The data office may grant it.', noField: 'A bound column is no longer in the set. Bind it anew.', unbound: 'Some channels have no column yet.', negative: 'Negative numbers are no parts of a whole.', circle: 'A flow from something to itself cannot be drawn as Sankey.', units: 'Different units cannot be stacked.', failed: 'Not read: {why}', retry: 'Retry', reading: 'Reading',
    explain: 'Where this chart comes from', source: 'Source and steps', asOf: 'As of', dataTime: 'Newest datum', lag: 'Age', clause: 'By', flags: 'Flags', rows: 'Rows', rowsOf: '{n} rows', truncated: 'More data than the limit: only a part was taken', sampled: 'Thinned; extremes and flagged points are kept', hidden: 'Columns not yours to see', live: 'Live', frozen: 'Frozen', stale: 'The data are old', version: 'Version {n}', left: '{n} more groups are not drawn',
    table: 'Table', chart: 'Chart', png: 'Save picture', csv: 'Save data', none: '—', shown: '{n} rows, {m} of them here', summary: '{title}: {kind}, {n} rows, as of {t}.',
  },
};
