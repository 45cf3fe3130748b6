/** Words of the messages and how one wants to be told. */
export const zh = {
  ibx: {
    title: '消息', unread: '未读 {n}', onlyUnread: '只看未读', none: '没有消息。', noneUnread: '没有未读的消息。', more: '更早的', markAll: '全部标为已读', accept: '接手', accepted: '已接手 {t}', acceptHint: '接手后不再通知下一个人', opened: '打开', ways: '去向', noWays: '只在页面里，没有经别的渠道', read: '已读 {t}',
    w_mail: '邮件', w_sms: '短信', w_wechat: '微信', w_webhook: 'webhook', w_mqtt: 'MQTT', s_waiting: '待发', s_taken: '已发', s_sent: '已发', s_done: '已发', s_arrived: '已到', s_read: '对方已读', s_bounced: '退回', s_failed: '未成', s_refused: '拒收', s_given_up: '已放弃', tries: '第 {n} 次', next: '下次 {t}',
    settings: '通知设置', mail: '邮箱', sms: '手机（短信）', wechat: '微信号', channelHint: '空着就不走这个渠道；渠道本身由系统管理员在服务器上配置。', quiet: '静默时段', quietFrom: '从', quietTo: '到', quietHint: '这段时间邮件、短信、微信推迟到结束再发；页面里照到，告警不推迟。两处都空为不设。', save: '保存', saved: '已保存。', failed: '没有读到：{why}', notDone: '没有做成：{why}', retry: '重试', badTime: '时刻写作 22:00',
    duty: '值守', dutyNote: '今天的值守', toRoster: '值守表', noDuty: '今天没有排班。', level_alarm: '告警', level_urge: '催办', level_info: '通知', all: '全部消息',
  },
};
export const en: typeof zh = {
  ibx: {
    title: 'Messages', unread: '{n} unread', onlyUnread: 'Unread only', none: 'No messages.', noneUnread: 'Nothing unread.', more: 'Older', markAll: 'Mark all as read', accept: 'Take over', accepted: 'taken over {t}', acceptHint: 'the next one is then not told', opened: 'Open', ways: 'Ways', noWays: 'on the page only', read: 'read {t}',
    w_mail: 'mail', w_sms: 'SMS', w_wechat: 'WeChat', w_webhook: 'webhook', w_mqtt: 'MQTT', s_waiting: 'waits', s_taken: 'sent', s_sent: 'sent', s_done: 'sent', s_arrived: 'arrived', s_read: 'read', s_bounced: 'bounced', s_failed: 'failed', s_refused: 'refused', s_given_up: 'given up', tries: 'try {n}', next: 'next {t}',
    settings: 'How to be told', mail: 'Mail', sms: 'Phone (SMS)', wechat: 'WeChat', channelHint: 'Empty: not that way. The ways themselves are set on the server by its administrator.', quiet: 'Quiet hours', quietFrom: 'From', quietTo: 'To', quietHint: 'Mail, SMS and WeChat wait for their end; the page does not, nor do alarms. Both empty: none.', save: 'Save', saved: 'Saved.', failed: 'Not read: {why}', notDone: 'Not done: {why}', retry: 'Try again', badTime: 'Write times as 22:00',
    duty: 'Duty', dutyNote: 'On duty today', toRoster: 'Roster', noDuty: 'Nobody is on the roster today.', level_alarm: 'alarm', level_urge: 'urged', level_info: 'notice', all: 'All messages',
  },
};
