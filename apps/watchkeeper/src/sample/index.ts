export { sampleConversations, sampleEvaluations, sampleModels } from './sample';
