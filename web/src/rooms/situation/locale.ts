export const zh = {
  sit: {
    fromAlarms: '本平台的告警库，逐条计数', fromSites: '站点登记', fromCases: '案件库里未办结的', fromLead: '由告警的首个超限值、成立与超标时刻相减', whose: '您有权看的范围', countClause: '是计数，不依条款；逐条的依据在往下看里', title: '态势', at: '{t} 更新', failed: '没有读到：{why}', retry: '重试', standing: '在案告警', unack: '其中未确认 {n}', urgent: '紧急', serious: '重要', warning: '预警', notice: '提示', byDistrict: '按区', byElement: '按要素', element: '要素', sites: '站点', levels: '等级', notJudged: '未判', alarms: '告警', district: '区', none: '没有在案告警。',
    cases: '在办案件', open: '{n} 件', more: '{n} 件以上', noCases: '没有您能看到的在办案件。',
    lead: '预警提前量', leadNote: '首个超限值 → 告警 → 法律意义的超标（小时或日均值，期满成立）。只列留存的时刻，没有的写“—”。', stat: '近 {days} 天，成立小时或日均值超标 {n} 起，其中 {a} 起告警在先，平均提前 {m} 分钟', statNone: '近 {days} 天没有成立的小时或日均值超标。', statLate: '近 {days} 天，成立小时或日均值超标 {n} 起，没有一起告警在先', sign: '首个超限', raised: '告警', exceeded: '超标成立', noticed: '发现用时', ahead: '提前', minutes: '{n} 分', site: '站点与因子', noLead: '近来没有超标告警。', onMap: '在图上看',
  },
};
export const en: typeof zh = {
  sit: {
    fromAlarms: 'the alarms kept here, counted one by one', fromSites: 'the register of sites', fromCases: 'cases that are not closed', fromLead: 'from the first value above, the raising and the exceedance of the alarm', whose: 'what you may see', countClause: 'a count, by no clause; each has its own further down', title: 'Situation', at: 'as of {t}', failed: 'Not read: {why}', retry: 'Try again', standing: 'Alarms that stand', unack: '{n} not acknowledged', urgent: 'Urgent', serious: 'Serious', warning: 'Warning', notice: 'Notice', byDistrict: 'By district', byElement: 'By element', element: 'Element', sites: 'Sites', levels: 'Levels', notJudged: 'not judged', alarms: 'Alarms', district: 'District', none: 'No alarm stands.',
    cases: 'Open cases', open: '{n}', more: '{n} and more', noCases: 'No open case that you may see.',
    lead: 'Lead of warnings', leadNote: 'First value above the limit → alarm → exceedance as the law means it (mean of an hour or a day, at its end). Only moments that are kept; “—” where there is none.', stat: 'In {days} days {n} exceedances of an hour or a day; {a} had an alarm before, {m} minutes ahead on average', statNone: 'No exceedance of an hour or a day in {days} days.', statLate: 'In {days} days {n} exceedances of an hour or a day; none had an alarm before', sign: 'First above', raised: 'Alarm', exceeded: 'Exceeded', noticed: 'Noticed in', ahead: 'Ahead', minutes: '{n} min', site: 'Site and factor', noLead: 'No alarm of an exceedance lately.', onMap: 'See the map',
  },
};
