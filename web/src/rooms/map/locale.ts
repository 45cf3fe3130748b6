/** Words of the one map, loaded with its room. */
export const zh = {
  one: {
    modules: '业务系统', alarms: '在案告警', of: '{n} 个', via: '由「{title}」落位', placeArea: '按区计数', style: '分级', styleBy: '按「{name}」着色', plain: '单色', truncated: '对象太多，放大后看全',
    factor: '按因子着色', byGrade: '按评价', classes: '五分位', byLaw: '按标准分级', play: '播放', pause: '暂停', back: '后退一步', forward: '前进一步', live: '实时', past: '回放', window: '窗口', step: '步长', speed: '速度', toLive: '回到实时', until: '截至', hours: '{n} 小时', days: '{n} 天', minutes: '{n} 分钟', bars: '柱：告警发生数', reading: '正在读取 {t} 的情形', at: '时刻',
    here: '此处有什么', hereHint: '点一处，或画一个范围', radius: '半径', ask: '查询', coord: '经度, 纬度', crs: '坐标系', converted: '由 GCJ-02 换算', result: '{n} 个对象', none: '这里没有您能看到的对象。', district: '所在区', areaOf: '面积', away: '距 {d}', more: '另有 {n} 个', asOf: '{t} 时的情形', noName: '（无名）',
    measure: '量距离', measureArea: '量面积', draw: '画范围并选取', buffer: '缓冲选取', print: '打印', clear: '清除', finish: '双击结束，Esc 放弃', length: '长', surface: '面积', bufferBy: '缓冲', select: '选取', tools: '工具',
    printTitle: '标题', printMap: '南京市生态环境一张图', png: '存为 PNG', pdf: '存为 PDF', source: '来源：山水平台；底图 © OpenStreetMap 贡献者（ODbL）、区界 echarts-geo-json（MIT），山水形为示意', printed: '制图 {t}', datum: '坐标 CGCS2000（与 WGS 84 相差不到 1 米）', openObject: '打开', failed: '没有读到：{why}', close: '关闭', pointer: '指针', showGcj: '另显示 GCJ-02', gcj: 'GCJ-02', count: '{n} 个', list: '看列表', layersFailed: '图层没有读到：{why}', legendTime: '时刻 {t}', liveNow: '实时 {t}',
    elementsTitle: '监测要素',
  },
};
export const en: typeof zh = {
  one: {
    modules: 'Business systems', alarms: 'Alarms that stand', of: '{n}', via: 'placed by “{title}”', placeArea: 'counted by district', style: 'Classes', styleBy: 'Coloured by “{name}”', plain: 'One colour', truncated: 'Too many: zoom in to see all',
    factor: 'Colour by factor', byGrade: 'By the law', classes: 'Fifths', byLaw: 'By the standard', play: 'Play', pause: 'Pause', back: 'A step back', forward: 'A step on', live: 'Live', past: 'Replay', window: 'Window', step: 'Step', speed: 'Speed', toLive: 'Back to live', until: 'Until', hours: '{n} h', days: '{n} days', minutes: '{n} min', bars: 'Bars: alarms begun', reading: 'Reading how it was at {t}', at: 'Moment',
    here: 'What is here', hereHint: 'Click a place, or draw an area', radius: 'Radius', ask: 'Ask', coord: 'longitude, latitude', crs: 'Datum', converted: 'converted from GCJ-02', result: '{n} objects', none: 'Nothing here that you may see.', district: 'District', areaOf: 'Area', away: '{d} away', more: '{n} more', asOf: 'as it was at {t}', noName: '(no name)',
    measure: 'Measure a length', measureArea: 'Measure an area', draw: 'Draw and select', buffer: 'Buffer and select', print: 'Print', clear: 'Clear', finish: 'Double click ends, Esc gives up', length: 'Length', surface: 'Area', bufferBy: 'Buffer', select: 'Select', tools: 'Tools',
    printTitle: 'Title', printMap: 'Environment of Nanjing on one map', png: 'Save as PNG', pdf: 'Save as PDF', source: 'Source: Shanshui; base map © OpenStreetMap contributors (ODbL), districts echarts-geo-json (MIT), hills sketched', printed: 'Made {t}', datum: 'CGCS2000 (within 1 m of WGS 84)', openObject: 'Open', failed: 'Not read: {why}', close: 'Close', pointer: 'Pointer', showGcj: 'GCJ-02 too', gcj: 'GCJ-02', count: '{n}', list: 'See the list', layersFailed: 'Layers not read: {why}', legendTime: 'Moment {t}', liveNow: 'Live {t}',
    elementsTitle: 'Elements',
  },
};
