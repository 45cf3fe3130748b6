/** What each page is for and how it is used: the one source of these texts. By the name of the route; a test holds that none lacks. */
export interface Help {
  zh: readonly string[];
  en: readonly string[];
} /* first what it is for, then how */
export const HELP: Record<string, Help> = {
  map: {
    zh: [
      '一张图：全市站点、告警和各业务的对象在同一张图、同一时刻上。',
      '左边选图层；点图上任何一处看“此处有什么”。',
      '下方时间条可回到过去的时刻；右上量距离、画范围、打印。',
    ],
    en: [
      'The one map: sites, alarms and the objects of every business at one moment.',
      'Choose layers at the left; click anywhere to see what is there.',
      'The bar below goes back in time; measure, select and print at the upper right.',
    ],
  },
  situation: {
    zh: [
      '态势：在案告警、各要素等级、在办案件、预警提前量，一页看全。',
      '点数字看它是什么、从哪来；点条目进到那一项。',
    ],
    en: [
      'The situation: alarms, grades, open cases and the lead of warnings on one page.',
      'Press a figure to see what it is and where it comes from; press a row to go there.',
    ],
  },
  alarms: {
    zh: [
      '告警台：看见、核实、确认、办结告警。',
      'J K 上下移动，A 确认；右边有缘由、限值条款、前后曲线。',
      '“这个数怎么来的”一直下到原始帧。',
    ],
    en: [
      'The alarm desk: see, check, acknowledge and close alarms.',
      'J K move, A acknowledges; at the right the cause, the clause, the curve.',
      'The explanation goes down to the frame.',
    ],
  },
  desk: {
    zh: [
      '事件值班台：确认、派单、归并、拆分，看每件事的六个阶段。',
      '左边队列按级别和期限；C 确认、R 不予立案、D 派单、M 归并、E 证据，按键只打开表单。',
      '归并错了，在“处置”里选出线索、写理由，拆出去。',
      '“回销还缺”列出办结前缺的要件。',
    ],
    en: [
      'The duty desk: confirm, send, merge, part, and see the six stages of each event.',
      'The queue is by grade and due time; C R D M E open the form, they send nothing.',
      'What was merged by mistake is parted under “Act”.',
      'What is missing before it can close is listed.',
    ],
  },
  roster: {
    zh: ['值守表：哪天哪区谁在岗，哪里空着。', '前后翻日；红的是空缺、重班、证件过期；“添加班次”补上。'],
    en: [
      'The roster: who is on duty where, and where nobody is.',
      'Turn the days; red marks holes, doubled shifts, expired certificates; add a shift.',
    ],
  },
  handover: {
    zh: ['交接班：交班人写明并签字，接班人核对后签字。', '在办清单随签字写下，之后不变；清单可出 PDF。'],
    en: [
      'Hand-over: the outgoing officer writes and signs, the incoming checks and signs.',
      'The open matters are written down with the signature; the list prints as PDF.',
    ],
  },
  sheet: {
    zh: [
      '日清单：前一天没收到、无效、没有标记、超标的小时，一项项关掉。',
      '选日期与类别；点排口看逐小时；关闭要选代码。',
    ],
    en: [
      'The daily sheet: hours that were not received, invalid, unmarked or above the limit.',
      'Choose the day and kind; press an outlet for its hours; closing needs a code.',
    ],
  },
  suspects: {
    zh: ['疑点：检测器认为可疑的排口。疑点不是结论，由人到现场查实。', '看理由与图，写下结论；结论用来改进检测器。'],
    en: [
      'Suspects: outlets that detectors find doubtful. A person checks on site.',
      'Read reasons and chart, give a verdict; verdicts improve the detectors.',
    ],
  },
  sites: {
    zh: ['站点：全部监测站点和它们此刻的状态。', '搜名称或编码，按类型、区筛选；点一行打开站点。'],
    en: [
      'Sites: all monitored sites and how they stand.',
      'Search, filter by kind and district; press a row to open it.',
    ],
  },
  site: {
    zh: ['一个站点：曲线、联合时间线、有效性。', '选因子与时段；点曲线上任一点，看这个数怎么来的，直到原始帧。'],
    en: [
      'One site: curves, the joint timeline, validity.',
      'Choose factors and span; press any point to see how that value came, down to the frame.',
    ],
  },
  devices: {
    zh: ['设备：谁在上报、谁静默、谁还没登记。', '隔离的设备先登记，帧不会丢；右边看错帧分类与时钟偏差。'],
    en: [
      'Devices: who reports, who is silent, who is not registered.',
      'Register the quarantined ones, no frame is lost; faults and clock offset at the right.',
    ],
  },
  records: {
    zh: [
      '记录：这一类档案的列表与单条。',
      '上方筛选、搜索；可导入导出；单条里有历史、关系、谁能看。',
      '数字旁的虚线可点：它是什么、谁何时写的、依据。',
    ],
    en: [
      'Records: the list and each record of this type.',
      'Filter and search above; import, export; a record has history, relations, who may see.',
      'Figures with a dotted line tell what they are, by whom and when.',
    ],
  },
  work: {
    zh: [
      '工作台：我的任务、告警、期限、消息、最近看过的，从这里开始一天。',
      '任务按期限排，点开就办；没人认领的在最下面。',
      '最近看过的只记在这台电脑，退出时清除。',
    ],
    en: [
      'The workbench: my tasks, alarms, deadlines, messages, what I looked at. Begin the day here.',
      'Tasks are by due time; press one to work on it; those nobody has are last.',
      'What was visited is kept on this computer only and cleared at sign-out.',
    ],
  },
  field: {
    zh: ['现场：手机上办任务，没有信号也能用。', '点任务看步骤、拍照、填表；有信号时自动送出。'],
    en: [
      'In the field: tasks on the phone, also without signal.',
      'Open a task for its steps, photos and form; it is sent when there is signal.',
    ],
  },
  owed: {
    zh: ['待送：还没送到平台的办理和照片。', '有冲突的并排给出两版，由您选。'],
    en: [
      'Waiting: acts and photos that have not reached the platform.',
      'Conflicts are shown side by side for you to choose.',
    ],
  },
  'field-new': {
    zh: ['现场新建：在现场发起一件新的。', '填必填项即可保存，没有信号时先存在手机里。'],
    en: ['A new one from the field.', 'Fill in what is needed; without signal it stays on the phone.'],
  },
  'field-task': {
    zh: ['现场任务：按规程一步步办，拍的照片带时间、位置、摘要。', '缺什么下方会说；全齐才能送出下一步。'],
    en: ['A task in the field, step by step; photos bear time, place and digest.', 'What lacks is told below.'],
  },
  cases: {
    zh: ['案件列表：这一流程的全部案件。', '列表或看板；按状态、期限筛；右上发起新的。'],
    en: ['Cases of this flow.', 'List or board; filter by state and due time; open a new one at the upper right.'],
  },
  simulate: {
    zh: ['流程推演：改日数、人数、权重，看会在哪里堵。', '不动任何案件；同一种子结果相同。'],
    en: [
      'Try the flow: change days, people and weights, see where it jams.',
      'No case is touched; the same seed gives the same.',
    ],
  },
  case: {
    zh: [
      '一件案：所处环节、期限、表单、证据、文书、签署、经过。',
      '下方是能做的；“还缺”列出离开这一步缺的每一项，看得到案件的人都看得到。',
    ],
    en: [
      'One case: state, deadlines, form, evidence, documents, signatures, trace.',
      'What may be done is below; what the way on still lacks is told to every reader.',
    ],
  },
  inbox: {
    zh: ['消息：通知、回执、怎样通知您。', '点开即已读；右边设静默时段与方式。'],
    en: [
      'Messages: notices, receipts, how you are told.',
      'Opening marks as read; set quiet hours and ways at the right.',
    ],
  },
  charts: {
    zh: ['图表：数据集、作图、图库、曲线分析。', '把列拖到通道就成图；每张图写明来历，可取表格、图片、CSV。'],
    en: [
      'Charts: data sets, building, gallery, analysis of curves.',
      'Drag columns to channels; each chart tells its origin and gives table, picture, CSV.',
    ],
  },
  law: {
    zh: [
      '法规：标准、代码、限值、断点、期限、工作日历，一行一条，写明条款、适用的日子、出处和可信程度。',
      '先选“按这一天的法”，再搜索或打开一张表；点一行看全部内容、别的日子怎么说，期限可算末日。',
      '“两天之间”列出法的差别；黄色的“待确认、存疑”没有读到原文，引用前请核对。',
    ],
    en: [
      'The law: standards, codes, limits, breakpoints, deadlines, calendar, row by row with clause, days, source and certainty.',
      'Choose the day, then search or open a table; press a row for all it says, what other days say, and last days of deadlines.',
      '“Between two days” lists differences; rows in ochre were not read from the text itself, compare before citing.',
    ],
  },
  'law-calc': {
    zh: [
      '计算器：把标准里的算法单独拿出来算，公式与条款写在上面。',
      '左边选一个，填输入，按“计算”；带 * 的必填，单位和范围写在旁边。',
      '标“存疑”的规则待与正式文本核对。命令行 shanshui calc 名称 算的是同一个。',
    ],
    en: [
      'Calculators: the rules of the standards by themselves, with formula and clause.',
      'Choose one at the left, fill in, calculate; * is required, unit and range stand beside it.',
      'Those marked unsure are to be confirmed. The command shanshui calc NAME does the same.',
    ],
  },
  admin: {
    zh: [
      '管理：账号、授权、权限矩阵、季度复核、证书、审计。',
      '授予与收回都写明理由，进审计；要紧的操作会再问一次动态码。',
    ],
    en: [
      'Administration: accounts, grants, matrix, review, certificates, audit.',
      'Granting and taking back need a reason and stand in the audit; grave ones ask for a code again.',
    ],
  },
  screens: {
    zh: ['大屏：指挥中心、网页、手机三处同一内容。', '选一块打开；设计、汇报方案、拼接墙从这里进。'],
    en: ['Screens: the same content on wall, desk and phone.', 'Open one; design, briefings and walls begin here.'],
  },
  design: {
    zh: ['设计大屏：摆放面板、选图表、定尺寸。', '拖动与缩放；保存成为新版本，可退回。'],
    en: ['Design a screen: place panels, choose charts, set sizes.', 'Drag and resize; saving makes a version.'],
  },
  briefings: {
    zh: ['汇报方案：把大屏与实况编成一场，排练、放映。', '左边选方案，右边排顺序与时长。'],
    en: [
      'Briefings: put screens and live objects into an order, rehearse, play.',
      'Choose one at the left, set order and duration at the right.',
    ],
  },
  walls: {
    zh: ['拼接墙：各节点与各窗的位置，给控制器的命令与答复。', '选一面墙；看各窗、调预案、开窗；测试图用来对缝。'],
    en: [
      'Video walls: where nodes and windows are, commands to the controller and its replies.',
      'Choose a wall; ask, call layouts, open windows; test patterns help to hang it straight.',
    ],
  },
  stage: {
    zh: ['控台：一场汇报正在放映，翻页、停留、跳到实况。', '观众看到的在左，下一页在右。'],
    en: [
      'The stage: steer a briefing that is played.',
      'What the audience sees is at the left, the next at the right.',
    ],
  },
  play: {
    zh: ['放映：大屏上看的画面。', '由控台翻页；断线会自己接上。'],
    en: ['The play as the wall shows it.', 'Steered from the stage; it reconnects by itself.'],
  },
  show: {
    zh: ['大屏画面。', '数据随实时流变，断线会说明。'],
    en: ['A screen.', 'It follows the live stream and tells when the line is lost.'],
  },
  me: {
    zh: ['我的账号：角色、口令、动态码、委托、应急权限。', '外出时把角色委托给同事；到期自动收回。'],
    en: [
      'My account: roles, password, second factor, lending, emergencies.',
      'Lend a role while you are away; it ends by itself.',
    ],
  },
  portal: {
    zh: ['公众页：人人可看的环境质量。', '点站点看数值与来历；不登录。'],
    en: [
      'The public page: quality of the environment for everybody.',
      'Press a site for values and their origin; no signing in.',
    ],
  },
  draws: {
    zh: ['双随机核对：在自己的浏览器里重算一次抽查。', '选一次抽查，逐步对照；也可打开自存的材料。'],
    en: [
      'Check a random draw in your own browser.',
      'Choose a draw and compare step by step, or open materials you kept.',
    ],
  },
  signin: {
    zh: ['登录：用账号、口令与动态码，或单位的统一登录。', '忘了口令，请系统管理员重置。'],
    en: [
      'Sign in with account, password and code, or with your organisation’s single sign-on.',
      'An administrator resets a forgotten password.',
    ],
  },
  none: {
    zh: ['没有这一页。', '从左边的栏目或上方的搜索进去。'],
    en: ['There is no such page.', 'Go by the rooms at the left or the search above.'],
  },
};
