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
    draws: '双随机抽查',
  },
  draw: {
    title: '双随机抽查：谁都能核对', lead: '查谁、谁去查，由一串谁也不能预先知道、谁都能复算的整数决定。点“核对”，您的浏览器只凭公布的材料重新算一遍，不靠我们的服务器。', one: '抽取 {n}', none: '还没有公布的抽取。', no: '编号', quarter: '季度', frozen: '名录冻结', source: '公开随机数的来源', state: '状态', drawn: '已抽取', waiting: '等公开随机数', prepared: '准备', all: '全部抽取',
    check: '在我的浏览器里核对', checking: '正在复算……', download: '下载材料', fromFile: '材料来自文件 {f}', notYet: '还没有抽取，没有可核对的结果', file: '核对您自己保存的材料文件', broken: '这份材料读不懂：不是一次抽取的材料，或缺了内容。', holds: '核对一致：结果只能是这样，没有人挑选。', fails: '核对不一致：公布的材料或结果被改动过。',
    notReached: '前一步不符，这一步没有意义', at: '第 {n} 个：', differ: '公布的是 {a}，复算得 {b}', s_order: '名录的次序', h_order: '按编码从小到大，没有重复', s_objects: '对象名录的摘要（{n} 家）', h_objects: '冻结时公布的 SM3，一个字节也没有变', s_officers: '人员名录的摘要（{n} 人）', h_officers: '同上', s_secret: '密语与承诺', h_secret: '审计管理员事先公布了密语的摘要', s_seed: '种子',
    h_seed: '由两份摘要、编号、公开随机数与密语得来', s_results: '抽中的单位与人员（{n} 家）', h_results: '逐个复算', s_position: '数流的位置', h_position: '一个数也没有多取', s_swaps: '换人（{n} 次）', h_swaps: '换上的是数流的下一个', day: '基准日', number: '公开随机数', commitment: '承诺（密语的 SM3）', secret: '密语', unrevealed: '没有揭示，只用公开随机数', digestObjects: '对象名录摘要', digestOfficers: '人员名录摘要', seed: '种子', results: '结果（{n} 家）', firm: '单位', area: '区', cls: '类别', pair: '检查人员（编号）',
    widened: '全市', c_key: '重点', c_general: '一般', c_special: '特殊', how: '算法写在 modules/enforcement/inspections/README.md，四十行就能自己写一个；命令行的复算程序是 tests/draw/replay.mjs。',
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
    draws: 'Random inspections',
  },
  draw: {
    title: 'Random inspections: check them yourself', lead: 'Whom to inspect and who goes is decided by whole numbers that nobody can know before and anybody can work out after. Press Check: your browser works everything out again from what is published; it does not rely on our server.', one: 'Draw {n}', none: 'No draw is published yet.', no: 'Number', quarter: 'Quarter', frozen: 'Lists frozen', source: 'Source of the public number', state: 'State', drawn: 'drawn', waiting: 'waiting for the number', prepared: 'prepared', all: 'All draws',
    check: 'Check in my browser', checking: 'Working it out …', download: 'Download the material', fromFile: 'from the file {f}', notYet: 'not drawn yet, nothing to check', file: 'Check a file of material that you kept', broken: 'This cannot be read as the material of a draw, or something is missing.', holds: 'It holds: this is the only possible result, nobody chose.', fails: 'It does not hold: the material or the results were changed.',
    notReached: 'a step before it failed', at: 'No. {n}:', differ: 'published {a}, worked out {b}', s_order: 'Order of the lists', h_order: 'by code, nothing twice', s_objects: 'Digest of the firms ({n})', h_objects: 'the SM3 published at the freeze, not one byte changed', s_officers: 'Digest of the officers ({n})', h_officers: 'likewise', s_secret: 'Secret and commitment', h_secret: 'the audit administrator had published the digest of the secret', s_seed: 'Seed',
    h_seed: 'from both digests, the number of the draw, the public number and the secret', s_results: 'Firms and officers drawn ({n})', h_results: 'each worked out again', s_position: 'Position in the stream', h_position: 'not one number more was taken', s_swaps: 'Swaps ({n})', h_swaps: 'who comes in is the next of the stream', day: 'Day', number: 'Public number', commitment: 'Commitment (SM3 of the secret)', secret: 'Secret', unrevealed: 'not revealed; the public number alone', digestObjects: 'Digest of the firms', digestOfficers: 'Digest of the officers', seed: 'Seed', results: 'Results ({n})', firm: 'Firm', area: 'District', cls: 'Class', pair: 'Officers (numbers)',
    widened: 'whole city', c_key: 'key', c_general: 'general', c_special: 'special', how: 'The method is written in modules/enforcement/inspections/README.md, forty lines are enough to write your own; the program for the command line is tests/draw/replay.mjs.',
  },
};
