/** Charts of bars over days, for whoever has something to show by them. */
export { type ChartBucket, type Measure, barChart } from './charts/spend-chart.ts';
