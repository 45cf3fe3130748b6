/** Words of the public side: short sentences for citizens, figures second. */
export const zh = {
  pub: {
    name: '南京生态环境', home: '首页', air: '空气', water: '水', sound: '声音', staff: '工作人员登录', big: '大字', where: '离我最近', whereOff: '没有取得位置，显示市中心附近的站。',
    city: '市区', station: '{name}站', nearest: '{name}站 {km} km', aqi: '空气质量指数 AQI', primary: '首要污染物 {what}', notReviewed: '实时数据，未经审核', hour: '{t} 时', none: '这个时段的数据还不够评价。', noAir: '还没有公开的空气数据。',
    say: ['今天空气很好，适合户外活动。', '今天空气可以，极少数特别敏感的人减少户外久留。', '老人、孩子和心肺病人减少长时间、高强度的户外活动。', '一般人减少户外活动；老人、孩子和病人避免外出久留。', '一般人减少户外活动；老人、孩子和病人留在室内。', '所有人避免户外活动；老人、孩子和病人留在室内。'],
    drink: '喝的水', drinkSub: '集中式饮用水水源地', met: '达标', unmet: '未达标', target: '目标 {c} 类', allMet: '{k} / {n} 达标', rivers: '河与湖', riversOf: '{n} 个断面', classHint: 'Ⅰ–Ⅲ 类为优良；Ⅳ 类不宜直接接触', undecided: '待评',
    stations: '各站空气', noise: '声环境', noiseSub: '功能区，{n} 个点', within: '达标', beyond: '超过限值 {l}', tell: '看到污染，告诉我们', tellHow: '拨打 12369，说清时间、地点和看到的情况。', call: '拨打 12369',
    how: '这个数怎么来的', what: '是什么', from: '从哪里来', fromWhat: '{name} 的自动监测设备，按报文逐小时汇总', fresh: '多新', clause: '按哪条规定', whose: '谁负责', owner: '南京市生态环境局公布', factor: '项目', value: '数值', time: '时间', flagged: '设备标记 {f}',
    failed: '没有读到：{why}', retry: '重试', updated: '更新于 {t}', foot: '时标为小时末，北京时间', host: '南京市生态环境局主办', district: '{d}', more: '另有 {n} 个', fewer: '收起', nothingPublic: '现在没有公开的站点。',
  },
};
export const en: typeof zh = {
  pub: {
    name: 'Nanjing environment', home: 'Home', air: 'Air', water: 'Water', sound: 'Noise', staff: 'Staff sign-in', big: 'Large text', where: 'Nearest to me', whereOff: 'No position; the station near the city centre is shown.',
    city: 'City', station: '{name} station', nearest: '{name} station, {km} km', aqi: 'Air quality index (AQI)', primary: 'Main pollutant {what}', notReviewed: 'Live data, not reviewed', hour: '{t}:00', none: 'Not enough data of this hour to judge.', noAir: 'No public air data yet.',
    say: ['The air is very good today. Enjoy the outdoors.', 'The air is fine today. The few who are very sensitive should not stay out long.', 'Elderly people, children and patients should take it easy outdoors.', 'Less time outdoors; elderly people, children and patients should not stay out long.', 'Less time outdoors; elderly people, children and patients should stay in.', 'Avoid being outdoors; elderly people, children and patients stay in.'],
    drink: 'Drinking water', drinkSub: 'Sources of the public supply', met: 'meets target', unmet: 'below target', target: 'target class {c}', allMet: '{k} of {n} meet', rivers: 'Rivers and lakes', riversOf: '{n} sections', classHint: 'Ⅰ–Ⅲ are good; Ⅳ is not for direct contact', undecided: 'open',
    stations: 'Air, station by station', noise: 'Noise', noiseSub: 'Function zones, {n} points', within: 'within limit', beyond: 'above {l}', tell: 'Seen pollution? Tell us', tellHow: 'Call 12369 and say when, where and what you saw.', call: 'Call 12369',
    how: 'Where this figure comes from', what: 'What it is', from: 'Where from', fromWhat: 'Automatic instruments of {name}, their messages summed up by the hour', fresh: 'How fresh', clause: 'By which rule', whose: 'Who answers for it', owner: 'Published by the Nanjing Ecology and Environment Bureau', factor: 'Item', value: 'Value', time: 'Time', flagged: 'flag of the device: {f}',
    failed: 'Not read: {why}', retry: 'Try again', updated: 'updated {t}', foot: 'Hours are named by their end, Beijing time', host: 'Nanjing Ecology and Environment Bureau', district: '{d}', more: '{n} more', fewer: 'Fewer', nothingPublic: 'No site is public now.',
  },
};
